"""AWS CloudTrail: delivered files with {"Records":[…]}, and single records per line from a second trail."""
from . import company, when
from .dice import Dice
from .when import DAY, HOUR, MINUTE

ACCOUNT, REGION, BUCKET = '111122223333', 'eu-west-1', 'tallyharbor-exports'


def route(at):
    """One delivered file a week, one a day around the incident; the identifier's second trail writes single records."""
    week = when.START + (at - when.START) // (7 * DAY) * 7 * DAY
    start = at // DAY * DAY if when.ms('2026-08-17') <= at < when.ms('2026-08-22') else week
    stamp = when.moment(start).strftime('%Y%m%dT%H%MZ')
    return f'aws_cloudtrail/{ACCOUNT}_CloudTrail_{REGION}_{stamp}_{Dice(f"aws/file/{start}").text(16)}.json.gz'


def log(quarter):
    return quarter.source('aws_cloudtrail', route, shape='records')


def single_log(quarter):
    return quarter.source('aws_cloudtrail_single', lambda at: f'aws_cloudtrail/us-east-1-{when.month(at)}.jsonl')


class Writer:
    def __init__(self, quarter, name, source=None):
        self.source, self.dice = source or log(quarter), Dice(name)

    def emit(self, at, name, service, identity, ip, agent, request=None, response=None, resources=None, read_only=True, category='Management', error=None, tags=(),
             region=REGION, kind='AwsApiCall', extra=None):
        at = at // 1000 * 1000
        event = {'eventVersion': '1.11', 'userIdentity': identity, 'eventTime': when.iso(at, fraction=False), 'eventSource': service, 'eventName': name, 'awsRegion': region,
                 'sourceIPAddress': ip, 'userAgent': agent}
        if error:
            event |= {'errorCode': error[0], 'errorMessage': error[1]}
        event |= {'requestParameters': request, 'responseElements': response}
        if extra:
            event['additionalEventData'] = extra
        event |= {'requestID': self.dice.uuid() if category == 'Management' else self.dice.text(16, '0123456789ABCDEF'), 'eventID': self.dice.uuid(), 'readOnly': read_only}
        if resources:
            event['resources'] = resources
        event |= {'eventType': kind, 'managementEvent': category == 'Management', 'recipientAccountId': ACCOUNT, 'eventCategory': category}
        if category == 'Management' and kind == 'AwsApiCall':
            event['tlsDetails'] = {'tlsVersion': 'TLSv1.3', 'cipherSuite': 'TLS_AES_128_GCM_SHA256', 'clientProvidedHostHeader': service.replace('.amazonaws', f'.{region}.amazonaws')}
        return self.source.add(at, event, event['eventID'], tags=tags)


def assumed(role, session, dice, at, invoked_by=None):
    principal = 'AROA' + Dice(f'aws/role/{role}').text(17, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')
    identity = {'type': 'AssumedRole', 'principalId': f'{principal}:{session}', 'arn': f'arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}', 'accountId': ACCOUNT,
                'accessKeyId': 'ASIA' + dice.text(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'),
                'sessionContext': {'sessionIssuer': {'type': 'Role', 'principalId': principal, 'arn': f'arn:aws:iam::{ACCOUNT}:role/{role}', 'accountId': ACCOUNT, 'userName': role},
                                   'attributes': {'creationDate': when.iso(at - 20 * MINUTE, fraction=False), 'mfaAuthenticated': 'false'}}}
    return identity | ({'invokedBy': invoked_by} if invoked_by else {})


def write(quarter):
    ordinary(Writer(quarter, 'aws'))
    for job in quarter.exports:
        export(Writer(quarter, f'aws/export/{job["jid"]}'), job)
    single(Writer(quarter, 'aws/single', single_log(quarter)))


def ordinary(w):
    """The configuration recorder assumes its role every six hours, always; people come on weekdays."""
    for at in range(when.START, when.END, 6 * HOUR):
        at += w.dice.between(1, 30) * MINUTE
        w.emit(at, 'AssumeRole', 'sts.amazonaws.com', {'type': 'AWSService', 'invokedBy': 'config.amazonaws.com'}, 'config.amazonaws.com', 'config.amazonaws.com',
               {'roleArn': f'arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig', 'roleSessionName': 'AWSConfig-Describe'},
               {'assumedRoleUser': {'assumedRoleId': 'AROAEXAMPLECONFIGROLE:AWSConfig-Describe',
                                    'arn': f'arn:aws:sts::{ACCOUNT}:assumed-role/AWSServiceRoleForConfig/AWSConfig-Describe'}})
    for day in when.weekdays():
        at = day + w.dice.between(8 * HOUR, 16 * HOUR)
        member = w.dice.pick([p for p in company.PEOPLE if p.department_at(at) == 'Platform' and p.works(at)])
        identity = assumed('AWSReservedSSO_PlatformAdmin_0f3a91c2d4e5b677', member.email, w.dice, at)
        name, service, request, read_only = w.dice.pick([
            ('DescribeInstances', 'ec2.amazonaws.com', {'instancesSet': {}, 'filterSet': {}}, True), ('ListBuckets', 's3.amazonaws.com', {'Host': 's3.amazonaws.com'}, True),
            ('DescribeDBInstances', 'rds.amazonaws.com', None, True), ('UpdateAutoScalingGroup', 'autoscaling.amazonaws.com', {'autoScalingGroupName': 'worker', 'maxSize': 6}, False),
            ('GetSecretValue', 'secretsmanager.amazonaws.com', {'secretId': 'ledger/worker'}, True)])
        w.emit(at, name, service, identity, member.address(w.dice), 'aws-cli/2.17.9 md/awscrt#0.20.11 ua/2.0 os/macos#24.5.0', request, read_only=read_only)
    lead = company.person('Bastien Charpentier')
    at = when.ms('2026-07-08T13:05:20')
    w.emit(at, 'PutUserPolicy', 'iam.amazonaws.com', assumed('AWSReservedSSO_PlatformAdmin_0f3a91c2d4e5b677', lead.email, w.dice, at), company.OFFICE[0], 'AWS Internal',
           {'userName': 'backup-svc', 'policyName': 'backup-write'}, read_only=False, region='us-east-1')
    w.emit(at + 4 * MINUTE, 'DeleteTrail', 'cloudtrail.amazonaws.com', assumed('AWSReservedSSO_PlatformAdmin_0f3a91c2d4e5b677', lead.email, w.dice, at), company.OFFICE[0],
           'AWS Internal', {'name': 'legacy-trail'}, read_only=False,
           error=('AccessDenied', 'User is not authorized to perform: cloudtrail:DeleteTrail with an explicit deny in a service control policy'))


def export(w, job, tags=()):
    """The worker puts the archive; whoever holds the presigned link gets it, with the worker's identity but from his own address."""
    at, key = job['at'] + job['duration'], f'{job["tenant"].id}/{job["jid"]}.zip'
    worker = assumed('export-worker', 'i-0c41d7e92ab35f608', w.dice, at)
    resources = [{'type': 'AWS::S3::Object', 'ARN': f'arn:aws:s3:::{BUCKET}/{key}'}, {'accountId': ACCOUNT, 'type': 'AWS::S3::Bucket', 'ARN': f'arn:aws:s3:::{BUCKET}'}]
    data = {'SignatureVersion': 'SigV4', 'CipherSuite': 'TLS_AES_128_GCM_SHA256', 'AuthenticationMethod': 'AuthHeader', 'x-amz-id-2': w.dice.base64(56)}
    host = f'{BUCKET}.s3.{REGION}.amazonaws.com'
    w.emit(at, 'PutObject', 's3.amazonaws.com', worker, '192.0.2.41', '[aws-sdk-ruby3/3.201.0 ua/2.0 api/s3#1.156.0 os/linux md/x86_64 lang/ruby#3.3.4]',
           {'bucketName': BUCKET, 'Host': host, 'key': key}, {'x-amz-server-side-encryption': 'aws:kms'}, resources, False, 'Data',
           extra=data | {'bytesTransferredIn': job['bytes'], 'bytesTransferredOut': 0}, tags=[f'{tag} put' for tag in tags])
    w.emit(at + job.get('fetch_after', 90_000), 'GetObject', 's3.amazonaws.com', worker, job['ip'], f'[{job["agent"]}]',
           {'bucketName': BUCKET, 'Host': host, 'key': key, 'X-Amz-Expires': '900'}, None, resources, True, 'Data',
           extra=data | {'AuthenticationMethod': 'QueryString', 'bytesTransferredIn': 0, 'bytesTransferredOut': job['bytes']}, tags=[f'{tag} get' for tag in tags])


def single(w):
    """Console sign-ins of the break-glass account land in us-east-1; a script re-exports them as single records."""
    for n, day in enumerate(when.weekdays()[::3]):
        at = day + w.dice.between(9 * HOUR, 15 * HOUR)
        user = {'type': 'IAMUser', 'principalId': 'AIDA' + Dice('aws/auditor').text(17, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'), 'arn': f'arn:aws:iam::{ACCOUNT}:user/audit-reader',
                'accountId': ACCOUNT, 'userName': 'audit-reader'}
        failed = n % 9 == 4
        w.emit(at, 'ConsoleLogin', 'signin.amazonaws.com', user, company.OFFICE[1], company.BROWSERS[1][2], None, {'ConsoleLogin': 'Failure' if failed else 'Success'}, read_only=False,
               region='us-east-1', kind='AwsConsoleSignIn', error=None, extra={'LoginTo': 'https://console.aws.amazon.com/console/home', 'MobileVersion': 'No', 'MFAUsed': 'No' if failed else 'Yes'})
        w.emit(at + 2 * MINUTE, 'LookupEvents', 'cloudtrail.amazonaws.com', user, company.OFFICE[1], 'aws-internal/3', {'maxResults': 50}, region='us-east-1')
